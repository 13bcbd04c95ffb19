/** How a command ends. */

/** All is well. */
export const FINE = 0;
/** It did not work; the message says what to do. */
export const ERROR = 1;
/** It worked, and something needs somebody. */
export const NEEDS_SOMEBODY = 2;

export const EXIT_CODES = `exit codes:
  0  fine
  1  an error, a wrong command line included; the message says what to do
  2  it worked, and something needs somebody: doctor found something wrong`;

/** Something that the operator must put right first: what happened, what is safe, what to do. */
export class CommandError extends Error {}

/** A command line that cannot be used: it is told with the command's usage. */
export class UsageError extends Error {}
