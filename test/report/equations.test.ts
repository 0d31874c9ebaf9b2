/** @file A page of equations is whole in itself, shows what files say as text, and leads from a use to its definition. */
import { expect, test } from "vitest";
import { equationsPage } from "../../src/report/equations.ts";
import { hostile, hostileTexts, withBlock } from "./models.ts";

const facts = { model: "net.pt2", version: "0.0.0" };

/** The tags of a page, outside of its style sheet. */
const tagsOf = (page: string): string[] => page.replace(/<style>.*?<\/style>/s, "").match(/<[^>]*>/g) ?? [];

test("names of a file are text", () => {
  const page = equationsPage([hostile()], { ...facts, model: hostileTexts[1] ?? "" });
  const own = new Set(tagsOf(equationsPage(withBlock(), facts)).map(nameOf));
  // Whatever opens on the hostile page opens on an ordinary one too, or is a part of mathematics.
  const foreign = tagsOf(page).filter((tag) => !own.has(nameOf(tag)) && !mathematics.has(nameOf(tag)));
  expect(foreign).toEqual([]);
  expect(tagsOf(page).filter((tag) => /\son\w+\s*=/.test(tag.replace(/"[^"]*"/g, '""')))).toEqual([]);
  expect(page).toContain("&lt;script&gt;document.title=&#39;run&#39;&lt;/script&gt;");
  expect(page).toContain("a\\u202eb\\u0000c\\u000ad");
});

const nameOf = (tag: string): string => /^<\/?([\w!-]+)/.exec(tag)?.[1] ?? tag;
const mathematics = new Set([
  "mo",
  "mn",
  "mi",
  "mover",
  "munder",
  "msubsup",
  "mfrac",
  "mspace",
  "mstyle",
  "ul",
  "li",
  "h3",
]);

test("nothing is loaded: fonts and styles are inside, and the policy forbids the rest", () => {
  const page = equationsPage(withBlock(), facts);
  expect(page).toContain(`content="default-src &#39;none&#39;; style-src`);
  const urls = [...page.matchAll(/url\(([^)]{0,40})/g)].map(([, url]) => url);
  expect(urls).toHaveLength(8);
  for (const url of urls) expect(url).toMatch(/^data:font\/woff2;base64,/);
  const addresses = [...page.matchAll(/https?:\/\/[^"\s<)]*/g)].map(([address]) => address);
  expect([...new Set(addresses)]).toEqual(["http://www.w3.org/1998/Math/MathML"]);
  expect(tagsOf(page).filter((tag) => /^<(?:script|link|img|iframe|object)\b/.test(tag))).toEqual([]);
});

test("a use leads to the definition, which the list of models names with its parameters", () => {
  const page = equationsPage(withBlock(), facts);
  expect(page).toContain(`<section id="model-Block"`);
  expect(page).toContain(`<li><a href="#model-Block">Block</a> <span>12 parameters</span></li>`);
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
  // In the list both models; in the equation once as MathML and once as HTML.
  expect(links).toEqual(["#model-Main", "#model-Block", "#model-Block", "#model-Block"]);
});

test("the signature of a model names the integers that uses give", () => {
  const [main, block] = withBlock();
  const models = [main, block && { ...block, numbers: ["s", "K"] }].filter((model) => model !== undefined);
  expect(equationsPage(models, facts)).toMatch(/Block[^<]*;\\allowbreak\\; s,\\; K\) \\to/);
});

test("a model alone needs no list of models", () => {
  expect(equationsPage(withBlock().slice(0, 1), facts)).not.toContain("<nav");
});

test("each equation has its shape and its line of code in columns of their own", () => {
  const page = equationsPage(withBlock(), facts);
  const rows = [...page.matchAll(/<tr>\n<td class="left">.*?<\/tr>/gs)].map(([row]) => row);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toMatch(/<td class="shape">\[[^<]*\]<\/td>\n<td class="margin">/);
});
