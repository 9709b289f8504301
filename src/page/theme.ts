/** Light, dark, or as the system has it. */
import { make } from "./dom.ts";

const THEMES = ["auto", "light", "dark"] as const;

export function themeButton(changed: () => void): HTMLElement {
  const root = document.documentElement;
  const element = make("button", { type: "button", class: "theme" });
  let at = 0;
  const show = () => {
    const theme = THEMES[at] ?? "auto";
    if (theme === "auto") delete root.dataset["theme"];
    else root.dataset["theme"] = theme;
    element.textContent = `Theme: ${theme}`;
  };
  element.addEventListener("click", () => {
    at = (at + 1) % THEMES.length;
    show();
    changed();
  });
  show();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  return element;
}

let before: string | undefined;

/** Paper is light. Call it before the page is drawn for it, and after it was printed. */
export function setPrintTheme(isPrinting: boolean): void {
  const { dataset } = document.documentElement;
  if (isPrinting) {
    before = dataset["theme"];
    dataset["theme"] = "light"; // the style of paper applies later
  } else if (before === undefined) delete dataset["theme"];
  else dataset["theme"] = before;
}
