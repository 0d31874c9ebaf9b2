/** @file Colour and progress: only for a person, and only as long as it is true. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { inkFor, Progress, type Terminal } from "../../src/cli/terminal.ts";

describe("colour", () => {
  test.each([
    [true, undefined, "", true],
    [false, undefined, "", false],
    [true, undefined, "1", false],
    [true, true, "1", true],
    [false, true, "", true],
    [true, false, "", false],
  ])("to a person: %s, flag: %s, NO_COLOR: %j gives %s", (toPerson, flag, noColor, paints) => {
    vi.stubEnv("NO_COLOR", noColor);
    const ink = inkFor(toPerson, flag);
    expect(ink.paints).toBe(paints);
    expect(ink.bad("x").includes("\u001b[")).toBe(paints);
  });
});

describe("progress", () => {
  let written = "";
  const terminal = (toPerson: boolean): Terminal => ({
    print: () => undefined,
    warn: (text) => void (written += text),
    prints: { toPerson, columns: 80 },
    warns: { toPerson },
  });

  beforeEach(() => {
    written = "";
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  test("is shown after two seconds and wiped at the end", () => {
    const progress = new Progress(terminal(true));
    progress.phase("reading");
    vi.advanceTimersByTime(1900);
    expect(written).toBe("");
    vi.advanceTimersByTime(200);
    expect(written).toBe("reading …");
    progress.done();
    expect(written).toBe("reading …\r\u001b[2K");
  });

  test("a later phase is shown at once, in place of the one before", () => {
    const progress = new Progress(terminal(true));
    progress.phase("reading");
    vi.advanceTimersByTime(2500);
    progress.phase("comparing");
    expect(written).toBe("reading …\r\u001b[2Kcomparing …");
  });

  test("what is over sooner is never shown", () => {
    const progress = new Progress(terminal(true));
    progress.phase("reading");
    vi.advanceTimersByTime(1000);
    progress.done();
    vi.advanceTimersByTime(5000);
    expect(written).toBe("");
  });

  test("nothing is shown where no person looks", () => {
    const progress = new Progress(terminal(false));
    progress.phase("reading");
    vi.advanceTimersByTime(5000);
    progress.done();
    expect(written).toBe("");
  });
});
