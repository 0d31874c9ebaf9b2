/**
 * @file Adds up the reports that vitest (JSON) and pytest (JUnit XML) left in a folder, names the tests that failed, and
 * prints the sum as the last line of CI. Fails where a test failed or none ran.
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { filesUnder, root } from "./files.ts";

interface Count {
  readonly passed: number;
  readonly failed: number;
  /** Which failed, and why, a line each. */
  readonly failures: readonly string[];
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages: readonly string[];
  }[];
}

function vitestCount(text: string): Count {
  const report = JSON.parse(text) as VitestReport;
  // A file that fails before its first test has a failed suite and no failed test.
  const failed = report.numFailedTests > 0 ? report.numFailedTests : report.numFailedTestSuites;
  return { passed: report.numPassedTests, failed, failures: report.testResults.flatMap(vitestFailures) };
}

function vitestFailures({ name, status, message, assertionResults }: VitestFile): string[] {
  const file = relative(root, name);
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (failed.length === 0) return status === "failed" ? [`${file}: ${reason(message)}`] : [];
  return failed.map((test) => `${file}: ${test.fullName}: ${reason(test.failureMessages[0] ?? "")}`);
}

/** The first line, and for a property of fast-check the second, which has the seed that shows the failure again. */
function reason(message: string): string {
  const [first = "", second = ""] = message.split("\n", 2);
  return second.startsWith("{ seed:") ? `${first} ${second}` : first;
}

function pytestCount(text: string): Count {
  const attribute = (name: string): number =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1]);
  const failed = attribute("failures") + attribute("errors");
  // pytest itself names what failed, in its last lines.
  return { passed: attribute("tests") - failed - attribute("skipped"), failed, failures: [] };
}

const [folder = "."] = process.argv.slice(2);
const counts = [
  ...filesUnder(folder, ".json").map((path) => vitestCount(readFileSync(path, "utf8"))),
  ...filesUnder(folder, ".xml").map((path) => pytestCount(readFileSync(path, "utf8"))),
];
const sum = (key: "passed" | "failed"): number => counts.reduce((total, count) => total + count[key], 0);
const [passed, failed] = [sum("passed"), sum("failed")];
for (const failure of counts.flatMap(({ failures }) => failures)) console.log(`FAILED: ${failure}`);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || !(passed > 0)) process.exitCode = 1;
