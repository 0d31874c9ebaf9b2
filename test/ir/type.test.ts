/** @file Dtypes of results. */
import { expect, test } from "vitest";
import { discreteDtypes, isReal, promote, realDtypes, typeText } from "../../src/ir/type.ts";

test("the wider real, else the wider integer", () => {
  expect(promote(["int64", "float16"])).toBe("float16");
  expect(promote(["float32", "float64", "bool"])).toBe("float64");
  expect(promote(["bool", "int32"])).toBe("int32");
  expect(promote(["bool"])).toBe("bool");
});

test("reals and discretes", () => {
  expect(realDtypes.every(isReal)).toBe(true);
  expect(discreteDtypes.some((dtype) => isReal(dtype))).toBe(false);
  expect(typeText({ dtype: "int64", shape: [2, 3] })).toBe("int64[2, 3]");
});
