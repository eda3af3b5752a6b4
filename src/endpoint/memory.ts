// What a reply becomes in the requests that follow it in its session: a message of the assistant.

import type { Json } from "#core";
import { type Loose, looseObject, looseString } from "./reply.ts";

interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

/** Gathers one reply, from all its chunks or from its one object. */
export class ReplyMemory {
  #content = "";
  /** The same, but for chunks that only have reasoning: of those it has the reasoning. */
  #said = "";
  readonly #calls: ToolCall[] = [];
  /** What the server calls the reply; empty when it has not said. */
  id = "";

  clear(): void {
    this.#content = this.#said = this.id = "";
    this.#calls.length = 0;
  }

  /** Tool calls so far. */
  get calls(): number {
    return this.#calls.length;
  }

  /** Takes in `delta` or `message` of a choice. */
  add(said: Loose): void {
    const content = looseString(said.content);
    this.#content += content;
    this.#said +=
      content || looseString(said.reasoning_content) || looseString(said.reasoning) || "";
    if (Array.isArray(said.tool_calls))
      for (const [at, call] of said.tool_calls.entries()) this.#addCall(looseObject(call), at);
  }

  /** The message, or undefined when the reply had nothing that could be repeated. */
  message(): Json | undefined {
    if (this.#calls.length > 0)
      return {
        role: "assistant",
        content: this.#content === "" ? null : this.#content,
        tool_calls: this.#calls.map(({ id, name, arguments: given }) => ({
          id,
          type: "function",
          function: { name, arguments: given },
        })),
      };
    return this.#said === "" ? undefined : { role: "assistant", content: this.#said };
  }

  /** The message's text, as far as it counts as input. */
  text(): string {
    return this.#calls.length > 0 ? this.#content : this.#said;
  }

  #addCall(call: Loose | undefined, at: number): void {
    if (call === undefined) return;
    const index = typeof call.index === "number" ? call.index : at;
    // A stray index must not make a long list of nothing.
    if (!Number.isInteger(index) || index < 0 || index > this.#calls.length) return;
    const known = (this.#calls[index] ??= { id: "", name: "", arguments: "" });
    const fn = looseObject(call.function);
    known.id ||= looseString(call.id);
    known.name += looseString(fn?.name);
    known.arguments += looseString(fn?.arguments);
  }
}
