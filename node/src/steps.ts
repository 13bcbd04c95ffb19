/** Flow steps, which sign and verify on threads of the native module. */
import { hold, release } from "./alive.js";
import { native, type Step, type Steps } from "./native.js";
import { errorOf, errorOfProblem } from "./problem.js";
import { plainOf } from "./plain.js";

interface Awaited {
  readonly resolve: (step: Step) => void;
  readonly reject: (error: Error) => void;
}

const awaited = new Map<number, Awaited>();
let steps: Steps | undefined;
let latest = 0;

/** What a flow wants done next, when `tell` has told it what happened. The process stays alive meanwhile. */
export function stepped(tell: (steps: Steps, id: number) => void): Promise<Step> {
  return new Promise((resolve, reject) => {
    // Of the very many before it none is still open when a number comes again.
    const id = (latest = (latest + 1) % 2 ** 31);
    try {
      tell((steps ??= new native.Steps(ended)), id);
    } catch (error) {
      reject(errorOf(error));
      return;
    }
    awaited.set(id, { resolve, reject });
    hold();
  });
}

/** Steps that are handed over in one turn of the event loop: each has its flow send or verify something right away. */
const PER_TURN = 8;

const left: ReturnType<Steps["take"]>[number][] = [];
let isHanding = false;

/** Some have ended: the native module wakes the event loop once for all of them. */
function ended(): void {
  left.push(...(steps?.take() ?? []));
  if (!isHanding) handOver();
}

function handOver(): void {
  const now = left.splice(0, PER_TURN);
  isHanding = left.length > 0;
  if (isHanding) setImmediate(handOver);
  for (const { id, step, problem } of now) {
    const one = awaited.get(id);
    if (one === undefined) continue;
    awaited.delete(id);
    release();
    if (step !== undefined) one.resolve(step);
    else one.reject(errorOfProblem(plainOf(problem ?? "{}")));
  }
}
