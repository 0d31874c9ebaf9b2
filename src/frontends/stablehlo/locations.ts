/** @file Where operations come from: lines of the user's own code, and modules, out of the locations that JAX writes. */
import type { Frame } from "../common/xla/program.ts";
import type { Function, Location, Module, Operation, Region } from "./syntax.ts";

/** How deep locations may hold each other, also by their names. */
const depthLimit = 256;

export interface Source {
  /** Names of modules around it. */
  readonly scope: readonly string[];
  /** The innermost first. */
  readonly frames: readonly Frame[];
  /** The line that calls the function which the innermost one is in, where others call it, too. */
  readonly caller?: Frame;
}

/** Code of libraries, which is not the user's. */
const isInstalled = ({ file }: Frame): boolean => /(?:^|[\\/])(?:site|dist)-packages[\\/]/.test(file);

export class Locations {
  readonly #aliases: ReadonlyMap<string, Location>;
  readonly #all: readonly Location[];
  readonly #sources = new Map<Location, Source>();
  /** For each line those from which its function is called. */
  readonly #callers = new Map<string, Set<string>>();

  constructor(module: Module) {
    this.#aliases = module.locations;
    this.#all = [...module.functions.values()].flatMap(locationsOf);
    for (const location of this.#all) {
      const [own, caller] = this.#plain(location).frames;
      if (own === undefined || caller === undefined) continue;
      this.#callers.set(key(own), (this.#callers.get(key(own)) ?? new Set()).add(key(caller)));
    }
  }

  of(location: Location): Source {
    const plain = this.#plain(location);
    const [own, caller] = plain.frames;
    const isShared = own !== undefined && (this.#callers.get(key(own))?.size ?? 0) > 1;
    return isShared && caller !== undefined ? { ...plain, caller } : plain;
  }

  /** The module that everything is in which is in one. */
  outermost(): string | undefined {
    const names = this.#all.map((location) => this.#nameAround(location));
    // Those of functions that others call begin with what is inside.
    const whole = names.filter((name) => name.startsWith("jit("));
    const outer = new Set(whole.flatMap((name) => scopeOf(name).slice(0, 1)));
    const [only = "", ...others] = outer;
    // Loops stand among the modules, and no class is called in small letters.
    return others.length === 0 && /^[A-Z]/.test(only) ? only : undefined;
  }

  /** The name of an argument, such as `params['dense']['w']`. */
  nameOf(location: Location): string | undefined {
    let own = location;
    for (let depth = 0; own.kind === "alias" && depth < depthLimit; depth++)
      own = this.#aliases.get(own.name) ?? { kind: "unknown" };
    return own.kind === "named" && own.inner === undefined ? own.name : undefined;
  }

  #nameAround(location: Location): string {
    const names: string[] = [];
    this.#frames(location, "", names, 0);
    return names[0] ?? "";
  }

  #plain(location: Location): Source {
    const known = this.#sources.get(location);
    if (known !== undefined) return known;
    const names: string[] = [];
    const frames = this.#frames(location, "", names, 0).filter((frame) => !isInstalled(frame));
    const source = { scope: scopeOf(names[0] ?? ""), frames };
    this.#sources.set(location, source);
    return source;
  }

  /** Lines from the innermost one on; `function` is the name that stands around a line. */
  #frames(location: Location, name: string, names: string[], depth: number): Frame[] {
    if (depth > depthLimit) return [];
    switch (location.kind) {
      case "alias": {
        const named = this.#aliases.get(location.name);
        return named === undefined ? [] : this.#frames(named, name, names, depth + 1);
      }
      case "file":
        return [{ file: location.file, line: location.line, function: name, code: "" }];
      case "named": {
        names.push(location.name);
        const { inner } = location;
        return inner === undefined ? [] : this.#frames(inner, location.name, names, depth + 1);
      }
      case "call":
        return [location.callee, location.caller].flatMap((one) => this.#frames(one, name, names, depth + 1));
      case "fused":
        return location.parts.slice(0, 1).flatMap((one) => this.#frames(one, name, names, depth + 1));
      case "unknown":
        return [];
    }
  }
}

const key = ({ file, line }: Frame): string => `${file}:${line}`;

/** The outermost name is the stack of names, whose last is the primitive: jit(f)/Dense_0/dot_general. */
const scopeOf = (name: string): string[] =>
  name
    .split("/")
    .slice(0, -1)
    .filter((part) => !/[()]/.test(part));

const locationsOf = ({ body }: Function): Location[] => inRegion(body);
const inRegion = ({ operations }: Region): Location[] =>
  operations.flatMap(({ location, regions }: Operation) => [location, ...regions.flatMap(inRegion)]);
