// Ties behaviours to elements: data-behaviour="name other". One behaviour a file; it also sees what htmx brings later.

export function attach(name, start) {
  const begin = (root) => {
    const found = [...root.querySelectorAll(`[data-behaviour~="${name}"]`)];
    if (root.matches && root.matches(`[data-behaviour~="${name}"]`)) found.unshift(root);
    for (const element of found) {
      element.started = element.started || new Set();
      if (element.started.has(name)) continue;
      element.started.add(name);
      start(element);
    }
  };
  begin(document);
  document.addEventListener("htmx:after:swap", () => begin(document));
}
