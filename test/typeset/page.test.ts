/** @file Pages of equations in a real browser, on a screen and on a telephone, light and dark. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import type { Equations, Profile } from "../../src/notation/document.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { equationsPage } from "../../src/report/equations.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { reroll } from "../../src/rewrite/reroll.ts";
import { browser, skipReason } from "../../tools/typeset/engines.ts";
import { root } from "../cli/support.ts";
import { hostile, hostileTexts, withBlock } from "../report/models.ts";

const engine = browser();
const reason = skipReason(engine, "a browser");
const [screen, telephone] = [1280, 390];
const schemes = ["light", "dark"] as const;

/** The models that `read` shows of a file: itself, and its blocks. */
async function equationsIn(fixture: string, notation: Profile = "matrix"): Promise<readonly Equations[]> {
  const graph = fold(reroll(raise(await loadModel(join(root, "test/fixtures", fixture)))));
  const equations = equationsOf(graph, { width: 100, notation });
  return [equations, ...equations.definitions];
}

/** What each page shows, by its name. */
const pages: Readonly<Record<string, () => Promise<readonly Equations[]>>> = {
  gpt2: () => equationsIn("pt2/gpt2.pt2"),
  "gpt2-index": () => equationsIn("pt2/gpt2.pt2", "index"),
  "gpt2-named": () => equationsIn("pt2/gpt2.pt2", "named"),
  resnet: () => equationsIn("pt2/resnet_block.pt2"),
  lenet: () => equationsIn("onnx/lenet.dynamo.onnx"),
  operations: () => equationsIn("keras/operations.keras"),
  "many-outputs": () => equationsIn("pt2/structure.pt2"),
  hostile: () => Promise.resolve([hostile()]),
  block: () => Promise.resolve(withBlock()),
};

describe.skipIf(engine === undefined)(reason ?? "a page", () => {
  if (engine === undefined) return;
  // Where a folder is named, pages and pictures of them are left there to be looked at.
  const kept = process.env["ASSAY_SCREENSHOTS"];
  const folder = kept ?? mkdtempSync(join(tmpdir(), "assay-pages-"));
  let running: Browser | undefined;

  beforeAll(async () => {
    const { program, args, env } = engine;
    // Playwright takes only texts.
    const texts = Object.fromEntries(
      Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    );
    running = await chromium.launch({ executablePath: program, args: [...args], env: texts });
    for (const [name, make] of Object.entries(pages)) {
      const model = name === "hostile" ? (hostileTexts[1] ?? "") : `${name}.pt2`;
      writeFileSync(join(folder, `${name}.html`), equationsPage(await make(), { model, version: "0.0.0" }));
    }
  }, 120_000);

  afterAll(async () => {
    await running?.close();
    if (kept === undefined) rmSync(folder, { recursive: true });
  });

  /** Opens a page, and tells what the browser said and asked for meanwhile. */
  async function opened(
    name: string,
    width: number,
    scheme: (typeof schemes)[number],
    use: (page: Page) => Promise<void>,
  ): Promise<readonly string[]> {
    const context = await (running ?? expect.fail("no browser")).newContext({
      viewport: { width, height: 900 },
      colorScheme: scheme,
    });
    try {
      const page = await context.newPage();
      const said: string[] = [];
      const address = pathToFileURL(join(folder, `${name}.html`)).href;
      page.on("console", (message) => void said.push(message.text()));
      page.on("pageerror", (error) => void said.push(String(error)));
      page.on("dialog", (dialog) => void said.push(dialog.message()));
      page.on("request", (request) => {
        const url = request.url();
        if (url.split("#")[0] !== address && !url.startsWith("data:font/")) said.push(url);
      });
      await page.goto(address);
      await page.evaluate("document.fonts.ready");
      await use(page);
      return said;
    } finally {
      await context.close();
    }
  }

  const cases = Object.keys(pages).flatMap((name) => [
    [name, screen, "light"] as const,
    [name, telephone, "dark"] as const,
    ...(name === "gpt2" ? [[name, screen, "dark"] as const, [name, telephone, "light"] as const] : []),
  ]);
  test.each(cases)("%s at %i pixels, %s: fits, is quiet and loads nothing", async (name, width, scheme) => {
    const said = await opened(name, width, scheme, async (page) => {
      if (kept !== undefined)
        await page.screenshot({ path: join(kept, `${name}-${width}-${scheme}.png`), fullPage: true });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      expect(await page.title()).toMatch(/^Equations of /);
      expect(await page.evaluate(missingFonts)).toEqual([]);
    });
    expect(said).toEqual([]);
  });

  test("the equations of GPT-2 fit a telephone without scrolling aside", async () => {
    await opened("gpt2", telephone, "light", async (page) => {
      expect(await page.locator(".equations tr").count()).toBeGreaterThan(5);
      expect(await page.evaluate(scrolling)).toEqual([]);
    });
  });

  test("dark is dark", async () => {
    const luminance: number[] = [];
    for (const scheme of schemes) {
      await opened("gpt2", screen, scheme, async (page) => {
        const color = String(
          await page.evaluate("getComputedStyle(document.documentElement).backgroundColor"),
        );
        luminance.push(Number(/\d+/.exec(color)?.[0]));
      });
    }
    const [light = 0, dark = 255] = luminance;
    expect(light).toBeGreaterThan(240);
    expect(dark).toBeLessThan(40);
  });

  test("links lead to definitions, with the keyboard too", async () => {
    const said = await opened("block", screen, "light", async (page) => {
      for (const link of await page.locator("a").all()) {
        const target = (await link.getAttribute("href")) ?? "";
        expect(await page.locator(`section${target}`).count()).toBe(1);
      }
      await page.locator('.katex-html a[href="#model-Block"]').press("Enter");
      expect(await page.evaluate("location.hash")).toBe("#model-Block");
    });
    expect(said).toEqual([]);
  });

  test("the line of code appears where the focus is, and only there", async () => {
    await opened("gpt2", screen, "light", async (page) => {
      const lines = page.locator('[role="tooltip"]');
      expect(await lines.first().isVisible()).toBe(false);
      // The first stops are the links to the two models, and the use of one in the first line.
      for (let stop = 0; stop < 4; stop++) await page.keyboard.press("Tab");
      expect(await lines.first().isVisible()).toBe(true);
      expect(await lines.first().textContent()).toBe("x = self.wte(idx) + self.wpe(pos)");
      expect(await lines.nth(1).isVisible()).toBe(false);
    });
  });

  test("hostile names stand on the page as they are", async () => {
    await opened("hostile", screen, "light", async (page) => {
      const names = await page.locator(".stored code").allTextContents();
      expect(names).toContain("<script>document.title='run'</script>");
      expect(await page.locator("script, img, svg[onload]").count()).toBe(0);
    });
  });

  test("on paper it is black on white, and the lines of code are left out", async () => {
    await opened("gpt2", screen, "dark", async (page) => {
      await page.emulateMedia({ media: "print" });
      await page.locator(".source").first().focus();
      expect(await page.locator('[role="tooltip"]').first().isVisible()).toBe(false);
      expect(await page.evaluate("getComputedStyle(document.documentElement).color")).toBe("rgb(0, 0, 0)");
      expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
    });
  });
});

/** Families of KaTeX that an element with text asks for first, and that the page does not have or could not load. */
const missingFonts = `(() => {
  const has = new Set([...document.fonts].filter(({ status }) => status === "loaded").map(({ family }) => family));
  const asked = [...document.querySelectorAll(".katex-html *")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""))
    .map((element) => getComputedStyle(element).fontFamily.split(",")[0].replaceAll('"', ""));
  return [...new Set(asked)].filter((family) => !has.has(family));
})()`;

/** Rows that are wider than their place. */
const scrolling = `[...document.querySelectorAll(".equations tr, h2")]
  .filter((row) => row.scrollWidth > row.clientWidth)
  .map((row) => row.textContent)`;
