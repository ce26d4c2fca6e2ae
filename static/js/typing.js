// What a person types while an answer is on its way stays: htmx may bring the field anew with the text it had when it was asked.
let typed = null;

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.id && field.matches("input:not([type=checkbox], [type=radio], [type=file]), textarea")) typed = { id: field.id, text: field.value };
});
document.addEventListener("focusout", () => { typed = null; }); // left: from here on the server's word counts
let kept = null;
document.addEventListener("htmx:before:swap", () => {
  const field = document.activeElement;
  kept = typed && field && field.id === typed.id ? { ...typed, field, from: field.selectionStart, to: field.selectionEnd } : null;
});
document.addEventListener("htmx:after:swap", () => {
  const field = kept && document.getElementById(kept.id);
  if (field && field !== kept.field) {
    field.value = kept.text;
    field.focus();
    if (kept.from !== null) field.setSelectionRange(kept.from, kept.to);
    typed = { id: kept.id, text: kept.text };
  }
  kept = null;
});
