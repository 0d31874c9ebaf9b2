/**
 * @file `node reader.js (assay | NETRON) FILE TIMES`: reads a model, and then as many times more, with Assay or with the Netron
 * whose folder of sources is named, and prints as JSON what it took. bench/readers.ts bundles and starts it.
 */
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * What a process that reads a model says: the nodes found, the milliseconds of the processor from its start to the end of its first
 * reading, its peak memory then in MiB, and the milliseconds of each further reading.
 */
export interface Readings {
  readonly nodes: number;
  readonly cold: number;
  readonly mebibytes: number;
  readonly again: readonly number[];
}

/** Reads a file, and counts the nodes of its graph. */
type Reader = (path: string) => Promise<number>;

async function assay(): Promise<Reader> {
  const { loadModel } = await import("../src/cli/load.ts");
  return async (path) => (await loadModel(path)).nodes.length;
}

interface NetronModel {
  readonly modules: readonly { readonly nodes: readonly unknown[] }[];
}
interface NetronView {
  readonly ModelFactoryService: new (host: object) => { open(context: object): Promise<NetronModel> };
}
interface NetronFiles {
  readonly FileStream: new (path: string, start: number, length: number, modified: number) => object;
}
interface NetronZip {
  readonly Archive: { import(): Promise<void> };
}

/**
 * Netron's reader without its window, as Netron's own tests start it: a host that finds modules and tables in the folder of the
 * sources, and a context that names the file.
 */
async function netron(sources: string): Promise<Reader> {
  const part = async (name: string): Promise<unknown> => await import(join(sources, `${name}.js`));
  const view = (await part("view")) as NetronView;
  const { FileStream } = (await part("node")) as NetronFiles;
  await ((await part("zip")) as NetronZip).Archive.import();
  const stream = async (path: string): Promise<object> => {
    const { size, mtimeMs } = await stat(path);
    return new FileStream(path, 0, size, mtimeMs);
  };
  const fail = (error: Error): never => {
    throw error;
  };
  const host = {
    type: "Test",
    environment: () => undefined,
    event: () => undefined,
    require: part,
    asset: async (name: string) => await readFile(join(sources, name), "utf8"),
    exception: fail,
  };
  return async (path) => {
    const model = await new view.ModelFactoryService(host).open({
      identifier: basename(path),
      stream: await stream(path),
      entries: new Map(),
      require: host.require,
      asset: host.asset,
      fetch: async (name: string) => await stream(join(dirname(path), name)),
      error: fail,
    });
    return model.modules.reduce((sum, { nodes }) => sum + nodes.length, 0);
  };
}

const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const [who = "", path = "", times = ""] = process.argv.slice(2);
const reader = who === "assay" ? await assay() : await netron(who);
const nodes = await reader(path);
const [cold, mebibytes] = [spent(), process.resourceUsage().maxRSS / 1024];
const again: number[] = [];
while (again.length < Number(times)) {
  const start = spent();
  await reader(path);
  again.push(spent() - start);
}
const readings: Readings = { nodes, cold, mebibytes, again };
console.log(JSON.stringify(readings));
