/** @file Files of named tensors come back as they were written, and what is no such file is refused. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/base/safetensors.ts";

const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
const tensors: fc.Arbitrary<Tensor> = shapes.chain((shape) => {
  const count = shape.reduce((a, b) => a * b, 1);
  const exactly = { minLength: count, maxLength: count };
  return fc
    .oneof(
      fc.float32Array(exactly),
      fc.float64Array(exactly),
      fc.int32Array(exactly) as fc.Arbitrary<Int32Array>,
    )
    .map((data) => ({ shape, data }));
});

test("what is written is read back, whatever its types and shapes", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), tensors), (all) => {
      const names = Object.keys(all).filter((name) => name !== "__metadata__" && name !== "__proto__");
      const kept = Object.fromEntries(names.map((name) => [name, all[name] as Tensor]));
      const bytes = writeSafetensors(kept);
      expect(readSafetensors(bytes)).toEqual(kept);
      // Node's files are Buffers, which lie somewhere in a larger memory.
      expect(readSafetensors(Buffer.from(bytes))).toEqual(kept);
    }),
  );
});

describe("refused", () => {
  const whole = writeSafetensors({ x: { shape: [2], data: Float32Array.of(1, 2) } });
  const withHeader = (header: unknown, numbers = 8): Uint8Array => {
    const text = new TextEncoder().encode(JSON.stringify(header));
    const bytes = new Uint8Array(8 + text.length + numbers);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return bytes;
  };
  const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

  test("every file that is cut off", () => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => readSafetensors(whole.slice(0, length))).toThrow(RangeError);
    }
  });

  test.each([
    ["a header that claims more than the file", new Uint8Array(16).fill(255)],
    ["a header that is a list", withHeader([])],
    ["a type that is not read", withHeader({ x: { ...entry, dtype: "BF16" } })],
    ["a place outside", withHeader({ x: { ...entry, data_offsets: [8, 16] } })],
    ["a place of another size", withHeader({ x: { ...entry, data_offsets: [0, 4] } })],
    ["a negative size", withHeader({ x: { ...entry, shape: [-2] } })],
    ["an entry that is no object", withHeader({ x: 7 })],
  ])("%s", (_, bytes) => {
    expect(() => readSafetensors(bytes)).toThrow(RangeError);
  });
});
