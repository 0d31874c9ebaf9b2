/** @file HTML in which whatever is put into a template is escaped, unless it is markup already. */

/** Text that is HTML. Made only here, and from what KaTeX gives. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | Markup | readonly Markup[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");

function written(part: Part): string {
  if (typeof part === "string") return escaped(part);
  return part instanceof Markup ? part.text : part.map(({ text }) => text).join("");
}

/** A template of HTML; attributes must be in quotes. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(texts.map((text, i) => text + written(parts[i] ?? "")).join(""));
}

export const nothing: Markup = new Markup("");
