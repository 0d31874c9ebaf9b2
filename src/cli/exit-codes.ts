/** @file What the shell learns. */
export const exitCodes = {
  well: 0,
  /** A negative verdict: different, undecided, a finding. */
  negative: 1,
  wrongInput: 2,
  unsupported: 3,
  /** EX_SOFTWARE of sysexits.h. */
  internal: 70,
  /** 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
