/** @file How front ends get bytes without knowing about files, so that they also run in a browser. */

/** Random access to a file's bytes. */
export interface ByteSource {
  /** The file's name as the user gave it, for messages. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes from `offset`; throws when the range leaves the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}
