/** The name that was meant. */

/** The nearest of some names, or nothing when none is near. */
export function nearest(given: string, names: Iterable<string>): string | undefined {
  if (given.length > 60) return undefined;
  const wanted = simplified(given);
  let best: string | undefined;
  let least = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of names) {
    const far = distance(wanted, simplified(name), least);
    if (far < least) [best, least] = [name, far];
  }
  return best;
}

/** `out_order_no`, `OutOrderNo` and `outOrderNo` are one. */
function simplified(name: string): string {
  return name.replaceAll(/[_\-\s]/g, "").toLowerCase();
}

/** How many letters must be changed, put in or taken out; not counted beyond a bound. */
function distance(one: string, other: string, bound: number): number {
  if (Math.abs(one.length - other.length) >= bound) return bound;
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 0; i < one.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j += 1) {
      const changed = (row[j] ?? bound) + (one[i] === other[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? bound) + 1, (next[j] ?? bound) + 1));
    }
    row = next;
  }
  return row[other.length] ?? bound;
}
