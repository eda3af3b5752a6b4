// Open loop by sessions: each begins at a moment of its own, and paces its turns by itself. Both
// the replay of a schedule and users with an even pace are that.

import type { LoadPlan } from "#config";
import {
  type Conversations,
  fixedOpenings,
  type Opening,
  sequence,
  turnDueNs,
  userOpenings,
} from "#schedule";
import { Permits } from "../permits.ts";
import type { Seat } from "../seat.ts";
import type { BodyReader } from "../store.ts";
import type { Beginning, Desk, Pace } from "./pace.ts";

export type OpeningLoad = Extract<LoadPlan, { kind: "schedule" | "users" }>;

/** A session that begins, and when after the phase's start. */
type PlannedOpening = Opening & Pick<Beginning, "correlationId">;

export class OpeningPace implements Pace {
  holdsSession = false;
  readonly #desk: Desk;
  readonly #load: OpeningLoad;
  readonly #openingOf: (session: number) => PlannedOpening;
  readonly #permits: Permits | undefined;
  #isStopped = false;

  constructor(desk: Desk, load: OpeningLoad) {
    this.#desk = desk;
    this.#load = load;
    this.#openingOf = plannedOpenings(desk, load);
    if (load.concurrency !== undefined)
      this.#permits = new Permits({
        cap: load.concurrency,
        control: desk.options.control,
        asked: "openAsked",
        freed: "openFreed",
        now: desk.now,
        waits: desk.waits,
      });
  }

  begin(): void {
    this.#take();
  }

  turnEnded(seat: Seat, endNs: number): void {
    const { options, waits } = this.#desk;
    const { bodies, control } = options;
    const dueNs = turnDueNs(this.#load, {
      endNs,
      dueNs: seat.dueNs,
      timestampNs: control.startNs + bodies.timestampNs(seat.entry),
      delayNs: bodies.delayNs(seat.entry),
    });
    const { session } = seat.start;
    if (dueNs <= endNs) this.#desk.issue(seat, endNs);
    else
      waits.at(dueNs, () => {
        if (seat.isOpen && seat.start.session === session) this.#desk.issue(seat, dueNs);
      });
  }

  sessionEnded(): void {
    this.#permits?.free();
  }

  stop(): void {
    this.#isStopped = true;
    this.holdsSession = false;
    this.#permits?.abandon();
  }

  /** Takes the next session and waits until it is to begin. */
  #take(): void {
    const { options, deadlineNs, waits } = this.#desk;
    if (this.#isStopped) return;
    const session = this.#desk.takeSession();
    if (session < 0) return;
    const opening = this.#openingOf(session);
    const dueNs = options.control.startNs + opening.dueNs;
    if (dueNs >= deadlineNs) return;
    this.holdsSession = true;
    waits.at(dueNs, () => {
      if (this.#isStopped) return;
      if (this.#permits === undefined) this.#open(session, opening, dueNs);
      else this.#permits.request(() => this.#open(session, opening, dueNs));
    });
  }

  #open(session: number, opening: PlannedOpening, dueNs: number): void {
    this.holdsSession = false;
    const seat = this.#desk.freeSeat();
    this.#desk.open(seat, { session, ...opening });
    this.#desk.issue(seat, dueNs);
    this.#take();
  }
}

/** How many sessions a load has; without end for users. */
export function openingsOf(load: LoadPlan, bodies: BodyReader): number {
  return load.kind === "schedule" ? bodies.sessions : Number.POSITIVE_INFINITY;
}

function plannedOpenings(desk: Desk, load: OpeningLoad): (session: number) => PlannedOpening {
  const { bodies } = desk.options;
  const conversations: Conversations = {
    count: bodies.sessions,
    turnsOf(conversation) {
      const [first, end] = bodies.turnsOf(conversation);
      return end - first;
    },
    firstNs: (conversation) => bodies.timestampNs(bodies.turnsOf(conversation)[0]),
  };
  if (load.kind === "users") {
    // Users do not begin in the order of their numbers, but draws are made in it.
    const drawn: number[] = [];
    const drawOf = (number: number): number => {
      while (drawn.length <= number) drawn.push(desk.conversationOf(drawn.length));
      return drawn[number]!;
    };
    const openingOf = sequence(userOpenings(load, conversations, drawOf));
    return (session) => {
      const opening = openingOf(session);
      return { ...opening, correlationId: String(opening.user) };
    };
  }
  const openings = fixedOpenings(conversations);
  return (session) => {
    const opening = openings[session]!;
    return { ...opening, correlationId: `fixed-schedule-${bodies.id(opening.conversation)}` };
  };
}
