/** @file Files for the tests of the PyTorch front end. */
import { readdirSync, readFileSync } from "node:fs";
import type { ByteSource } from "../../src/frontends/common/source.ts";
import type { Expectation } from "../run.ts";

const folder = new URL("../fixtures/pt2/", import.meta.url);

export const fixtureNames: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith(".pt2"))
  .map((name) => name.slice(0, -".pt2".length));

export const fixtureBytes = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`${name}.pt2`, folder)));

export const expectationOf = (name: string): Expectation =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Expectation;

/** A source that counts the bytes it hands out. */
export interface CountingSource extends ByteSource {
  bytesRead(): number;
}
export function sourceOf(name: string, bytes: Uint8Array): CountingSource {
  let total = 0;
  return {
    name,
    size: bytes.length,
    bytesRead: () => total,
    read: (offset, length) => {
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        return Promise.reject(new RangeError(`bytes ${offset} to ${offset + length} of ${bytes.length}`));
      }
      total += length;
      return Promise.resolve(bytes.slice(offset, offset + length));
    },
  };
}
export const fixture = (name: string): CountingSource => sourceOf(`${name}.pt2`, fixtureBytes(name));
