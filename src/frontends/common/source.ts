/** @file How front ends get bytes without knowing about files, so that they also run in a browser. */

/** Random access to a file's bytes. */
export interface ByteSource {
  /** The file's name as the user gave it, for messages. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes from `offset`; throws when the range leaves the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** The files beside a model's own that it names, such as those of its weights. */
export interface ModelFolder {
  /**
   * Opens a file for the time of `use`. Throws a Diagnostic where there is no such file, and where the name, which is a path
   * with slashes, leads out of the folder.
   */
  withFile<T>(name: string, use: (source: ByteSource) => Promise<T>): Promise<T>;
}
