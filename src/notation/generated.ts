/** @file Names of values that no person gave. */

/** Names that an exporter makes up. */
export const isGenerated = (name: string): boolean =>
  /^(?:[a-z]{1,3}\d+|output(?:_\d+)?|carry.*|body.*|_.*)$/i.test(name);
