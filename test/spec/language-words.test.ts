/** @file Nothing that is printed has the name of a function of the language. */
import { expect, test } from "vitest";
import { languageWords } from "../../src/base/language-words.ts";
import { modelName } from "../../src/notation/names.ts";
import { functionNames } from "../../src/spec/functions.ts";

test("every function of the language is a word of it", () => {
  expect(functionNames.filter((name) => !languageWords.has(name))).toEqual([]);
});

test("a model is called otherwise than a function", () => {
  expect(modelName("softmax")).toBe("softmax_model");
  expect(modelName("Softmax")).toBe("Softmax");
  expect(modelName("net.py:forward")).toBe("net_py_forward");
  expect(modelName("2")).toBe("Model");
});
