// What a person types while an answer is on its way stays: htmx may bring the field anew with the text it had when it was asked.
// Watched as the page changes, not by htmx's own events: a key pressed between those would be lost.
let typed = null;

document.addEventListener("input", (event) => {
  const field = event.target;
  const text = field.id && field.matches("input:not([type=checkbox], [type=radio], [type=file]), textarea");
  if (text) typed = { field, text: field.value };
});

new MutationObserver(() => {
  if (!typed || typed.field.isConnected) return;
  const { field: gone, text } = typed;
  typed = null;
  const field = document.getElementById(gone.id);
  if (!field || ![document.body, field].includes(document.activeElement)) return; // the person had already left it
  field.value = text;
  field.focus();
  if (gone.selectionStart !== null) field.setSelectionRange(gone.selectionStart, gone.selectionEnd);
  typed = { field, text };
}).observe(document.body, { childList: true, subtree: true });
