/**
 * @file Reads HDF5 files as h5py writes them unless told otherwise: groups with symbol tables, tensors in one piece, texts as
 * attributes (HDF5 File Format Specification 3.0). Headers are read where they are needed and the tensors' bytes only
 * when they are asked for, so that a large file costs no more than its table of contents.
 */
import { range } from "../../base/assert.ts";
import type { Dtype } from "../../ir/type.ts";
import type { ByteSource } from "../common/source.ts";
import { type Cursor, damaged, Pages, textOf, unsupported } from "./hdf5-bytes.ts";
import {
  type Attribute,
  attribute,
  dataspace,
  datatype,
  type Layout,
  layout,
  type Storage,
} from "./hdf5-messages.ts";

export interface Dataset {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** The stored bytes, row-major and little-endian. */
  read(): Promise<Uint8Array>;
}

export interface Hdf5Object {
  /** Members of a group by name. */
  readonly members: ReadonlyMap<string, Hdf5Object>;
  /** The tensor that it is. Throws Hdf5Problem for one that is stored in a way that is not read. */
  dataset(): Dataset | undefined;
  /** An attribute that is text or a list of texts; `undefined` where there is none. */
  texts(name: string): Promise<string[] | undefined>;
}

const depthLimit = 48;
const objectLimit = 2 ** 17;
const entryLimit = 2 ** 17;
const textLimit = 64 * 2 ** 20;

/** The root group, with everything in it. Throws Hdf5Problem. */
export async function readHdf5(source: ByteSource): Promise<Hdf5Object> {
  const reader = new Reader(source);
  return await reader.object(await reader.root(), 0);
}

/** A message of an object header: its number, and its content. */
interface Message {
  readonly type: number;
  readonly content: Cursor;
}

class Reader {
  readonly #source: ByteSource;
  readonly #pages: Pages;
  readonly #seen = new Set<number>();

  constructor(source: ByteSource) {
    this.#source = source;
    this.#pages = new Pages(source);
  }

  /** II.A, superblock versions 0 and 1. */
  async root(): Promise<number> {
    const start = await this.#pages.cursor(0, Math.min(100, this.#source.size));
    start.signature("\u0089HDF\r\n\u001a\n");
    const version = start.u8();
    if (version > 1)
      throw unsupported(`a file of version ${version}, as h5py writes it with libver="latest"`);
    start.skip(4);
    const [offsets, lengths] = [start.u8(), start.u8()];
    if (offsets !== 8 || lengths !== 8)
      throw unsupported(`places of ${offsets} and sizes of ${lengths} bytes`);
    start.skip(version === 0 ? 9 : 13);
    if (start.u64() !== 0) throw unsupported("a file whose places count from elsewhere");
    return start.skip(24 + 8).u64();
  }

  async object(address: number, depth: number): Promise<Hdf5Object> {
    if (this.#seen.has(address)) throw damaged("an object that is inside of itself, or has two names");
    if (depth > depthLimit) throw damaged(`groups nested more than ${depthLimit} deep`);
    if (this.#seen.size >= objectLimit) throw damaged(`more than ${objectLimit} objects`);
    this.#seen.add(address);
    const messages = await this.#messages(address);
    const content = (type: number): Cursor | undefined =>
      messages.find((message) => message.type === type)?.content;
    const [space, type, place, table] = [content(1), content(3), content(8), content(17)];
    const attributes = messages
      .filter((message) => message.type === 12)
      .map((message) => attribute(message.content));
    const members = table === undefined ? new Map<string, Hdf5Object>() : await this.#members(table, depth);
    const texts = (name: string): Promise<string[] | undefined> => this.#texts(attributes, name);
    if (space === undefined || type === undefined || place === undefined)
      return { members, texts, dataset: () => undefined };
    const isFiltered = content(11) !== undefined;
    const [shape, storage, where] = [dataspace(space), datatype(type), layout(place)];
    return { members, texts, dataset: () => this.#dataset(shape, storage, where, isFiltered) };
  }

  /** IV.A.1.a, version 1, with the blocks that continue it. */
  async #messages(address: number): Promise<Message[]> {
    const head = await this.#pages.cursor(address, 16);
    const version = head.u8();
    if (version !== 1) throw unsupported(`an object header of version ${version}`);
    const count = head.skip(1).u16();
    const messages: Message[] = [];
    const blocks: { readonly offset: number; readonly size: number }[] = [
      { offset: address + 16, size: head.skip(4).u32() },
    ];
    for (const { offset, size } of blocks) {
      const block = await this.#pages.cursor(offset, size);
      while (block.rest >= 8 && messages.length < count) {
        const [type, length, flags] = [block.u16(), block.u16(), block.u8()];
        const content = block.skip(3).part(length);
        if ((flags & 2) !== 0) throw unsupported("a type that several tensors share");
        if (type === 16) blocks.push({ offset: content.u64(), size: content.u64() });
        messages.push({ type, content });
      }
      if (blocks.length > 64) throw damaged("a header in more than 64 pieces");
    }
    return messages;
  }

  /** Members by their names: III.A.1, III.B and III.D, a tree of tables and a heap of names. */
  async #members(table: Cursor, depth: number): Promise<ReadonlyMap<string, Hdf5Object>> {
    const [tree, heap] = [table.u64(), table.u64()];
    const head = (await this.#pages.cursor(heap, 32)).signature("HEAP").skip(4);
    const size = head.u64();
    const names = (await this.#pages.cursor(head.skip(8).u64(), size)).bytes(size);
    const members = new Map<string, Hdf5Object>();
    for (const { name, address } of await this.#entries(tree, 0)) {
      if (name >= names.length) throw damaged("a name beyond the heap of names");
      members.set(textOf(names.subarray(name)), await this.object(address, depth + 1));
    }
    return members;
  }

  async #entries(
    tree: number,
    depth: number,
  ): Promise<{ readonly name: number; readonly address: number }[]> {
    if (depth > 8) throw damaged("a tree of names more than 8 deep");
    const head = (await this.#pages.cursor(tree, 24)).signature("TREE");
    const [type, level, count] = [head.u8(), head.u8(), head.u16()];
    if (type !== 0 || (depth > 0 && level > 8)) throw damaged("a tree that holds no names");
    const node = await this.#pages.cursor(tree + 24, count * 16);
    const children = range(count).map(() => node.skip(8).u64());
    const entries: { name: number; address: number }[] = [];
    for (const child of children) {
      entries.push(...(level > 0 ? await this.#entries(child, depth + 1) : await this.#symbols(child)));
      if (entries.length > entryLimit) throw damaged(`a group of more than ${entryLimit} members`);
    }
    return entries;
  }

  async #symbols(place: number): Promise<{ readonly name: number; readonly address: number }[]> {
    const count = (await this.#pages.cursor(place, 8)).signature("SNOD").skip(2).u16();
    const table = await this.#pages.cursor(place + 8, count * 40);
    return range(count).map(() => {
      const [name, address, cache] = [table.u64(), table.u64(), table.u32()];
      if (cache === 2) throw unsupported("a link to another place of the file");
      table.skip(20);
      return { name, address };
    });
  }

  #dataset(shape: readonly number[], storage: Storage, place: Layout, isFiltered: boolean): Dataset {
    if (storage.kind !== "number") {
      throw unsupported(storage.kind === "other" ? storage.words : "a tensor of texts");
    }
    if (isFiltered) throw unsupported("a compressed tensor");
    if (place.kind === "other") throw unsupported(place.words);
    const length = shape.reduce((product, size) => product * size, storage.size);
    if (length > this.#source.size)
      throw damaged(`a tensor of ${length} bytes in a file of ${this.#source.size}`);
    const held = place.kind === "here" ? place.bytes.length : place.size;
    if (length > 0 && held < length) throw damaged(`${held} bytes for a tensor of ${length}`);
    const read = async (): Promise<Uint8Array> => {
      if (length === 0) return new Uint8Array(0);
      if (place.kind === "here") return place.bytes.slice(0, length);
      if (!(place.offset + length <= this.#source.size)) throw damaged("a tensor beyond the end of the file");
      return await this.#source.read(place.offset, length);
    };
    return { shape, dtype: storage.dtype, read };
  }

  async #texts(attributes: readonly Attribute[], name: string): Promise<string[] | undefined> {
    const found = attributes.find((one) => one.name === name);
    if (found === undefined) return undefined;
    const { storage, count, bytes } = found;
    const elements = range(count).map((i) => bytes.subarray(i * storage.size, (i + 1) * storage.size));
    if (storage.kind === "text") return elements.map(textOf);
    // An empty list of names is stored as an empty list of numbers.
    if (count === 0) return [];
    if (storage.kind !== "far text") return undefined;
    const texts: string[] = [];
    for (const element of elements) texts.push(await this.#farText(element));
    return texts;
  }

  /** III.E, the global heap. */
  async #farText(reference: Uint8Array): Promise<string> {
    const view = new DataView(reference.buffer, reference.byteOffset, reference.length);
    if (reference.length < 16) throw damaged("a reference to a text that is too short");
    const [length, place, index] = [
      view.getUint32(0, true),
      Number(view.getBigUint64(4, true)),
      view.getUint32(12, true),
    ];
    if (length === 0) return "";
    if (length > textLimit) throw damaged(`a text of ${length} bytes`);
    const head = (await this.#pages.cursor(place, 16)).signature("GCOL").skip(4);
    const end = place + head.u64();
    for (let at = place + 16; at + 16 <= end; ) {
      const item = await this.#pages.cursor(at, 16);
      const [own, size] = [item.u16(), item.skip(6).u64()];
      if (own === index) {
        if (size < length) throw damaged("a text longer than its place");
        return new TextDecoder().decode((await this.#pages.cursor(at + 16, length)).bytes(length));
      }
      if (own === 0) break;
      at += 16 + Math.ceil(size / 8) * 8;
    }
    throw damaged("a text that is nowhere");
  }
}
