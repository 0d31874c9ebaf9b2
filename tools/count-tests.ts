/**
 * @file Adds up the reports that vitest (JSON) and pytest (JUnit XML) left in a folder, and prints the sum as the last
 * line of CI. Fails where a test failed or none ran.
 */
import { readFileSync } from "node:fs";
import { filesUnder } from "./files.ts";

interface Count {
  readonly passed: number;
  readonly failed: number;
}

function vitestCount(text: string): Count {
  const report = JSON.parse(text) as Record<
    "numPassedTests" | "numFailedTests" | "numFailedTestSuites",
    number
  >;
  // A file that fails before its first test has a failed suite and no failed test.
  const failed = report.numFailedTests > 0 ? report.numFailedTests : report.numFailedTestSuites;
  return { passed: report.numPassedTests, failed };
}

function pytestCount(text: string): Count {
  const attribute = (name: string): number =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1]);
  const failed = attribute("failures") + attribute("errors");
  return { passed: attribute("tests") - failed - attribute("skipped"), failed };
}

const [folder = "."] = process.argv.slice(2);
const counts = [
  ...filesUnder(folder, ".json").map((path) => vitestCount(readFileSync(path, "utf8"))),
  ...filesUnder(folder, ".xml").map((path) => pytestCount(readFileSync(path, "utf8"))),
];
const sum = (key: keyof Count): number => counts.reduce((total, count) => total + count[key], 0);
const [passed, failed] = [sum("passed"), sum("failed")];
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || !(passed > 0)) process.exitCode = 1;
