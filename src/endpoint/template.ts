// Bodies by a template. What a template prints inside of a JSON text is written as JSON writes it,
// so that a quote or a line end in a prompt cannot break the body; `tojson` prints whole values.
// In a file of its own because few runs need the library.

import { Template } from "@huggingface/jinja";
import { fail, messageOf } from "#core";
import { type Body, type BodyRequest, contentsOf, fieldsOf } from "./endpoint.ts";
import { looseObject } from "./reply.ts";

/** The names that a template can use. */
function variables({ plan, session, turn, history = [] }: BodyRequest): {
  readonly [name: string]: unknown;
} {
  const texts = contentsOf(turn.texts);
  const images = contentsOf(turn.images);
  const audios = contentsOf(turn.audios);
  const videos = contentsOf(turn.videos);
  const named = (groups: BodyRequest["turn"]["images"]) =>
    Object.fromEntries((groups ?? []).map(({ name, contents }) => [name, [...contents]]));
  const byName = named(turn.texts);
  const queries = byName.query ?? byName.queries ?? [];
  const passages = byName.passages ?? byName.passage ?? [];
  const turns = [...history.map((past) => past.turn), turn].map((one) => ({
    role: one.role,
    texts: contentsOf(one.texts),
    images: contentsOf(one.images),
    audios: contentsOf(one.audios),
    videos: contentsOf(one.videos),
    model: one.model,
    max_tokens: one.maxTokens ?? null,
  }));
  return {
    text: texts[0] ?? "",
    texts,
    image: images[0] ?? null,
    images,
    audio: audios[0] ?? null,
    audios,
    video: videos[0] ?? null,
    videos,
    query: queries[0] ?? null,
    queries,
    passage: passages[0] ?? null,
    passages,
    texts_by_name: byName,
    images_by_name: named(turn.images),
    audios_by_name: named(turn.audios),
    videos_by_name: named(turn.videos),
    model: turn.model,
    max_tokens: turn.maxTokens ?? null,
    role: turn.role,
    turn: turns.at(-1),
    turns,
    stream: plan.streaming,
    request_info: {
      conversation_id: session.id,
      turn_index: history.length,
      system_message: session.systemText ?? null,
      user_context_message: session.userContextText ?? null,
      turns,
    },
  };
}

/**
 * Fills a template in.
 * @throws E_TEMPLATE for a template that cannot be read, and later for one that makes no JSON
 */
export function templateBody(source: string): (request: BodyRequest) => Body {
  const wayOut = "print values with tojson, such as {{ texts|tojson }}";
  let parsed: Template;
  try {
    parsed = new Template(source);
  } catch (error) {
    return fail("E_TEMPLATE", `payload_template is not Jinja: ${messageOf(error)}`, wayOut);
  }
  printAsJson(parsed.parsed);
  return (request) => {
    let filled = "";
    let json: unknown;
    try {
      filled = parsed.render({ ...variables(request), [IN_JSON]: inJson });
      json = JSON.parse(filled);
    } catch (error) {
      const what = `payload_template does not make JSON: ${messageOf(error)}`;
      fail("E_TEMPLATE", what, wayOut);
    }
    const body = looseObject(json) as Body | undefined;
    if (body === undefined)
      return fail("E_TEMPLATE", "payload_template makes no JSON object", wayOut);
    return { ...body, ...fieldsOf(request.plan, request.turn) };
  };
}

const IN_JSON = "written_in_json";

/** A text as it stands between quotes. */
function inJson(value: unknown): unknown {
  return typeof value === "string" ? JSON.stringify(value).slice(1, -1) : value;
}

interface Node {
  readonly type: string;
  readonly body?: Node[];
  readonly alternate?: Node[];
  readonly defaultBlock?: Node[];
  readonly filter?: {
    readonly type: string;
    readonly value?: string;
    readonly callee?: { readonly value?: string };
  };
}

/** Nodes that do something and print nothing by themselves. */
const SILENT =
  /^(?:Program|If|For|Set|Macro|Comment|Break|Continue|CallStatement|FilterStatement|StringLiteral)$/;

/** Wraps every expression that a template prints. */
function printAsJson(node: Node): void {
  for (const list of [node.body, node.alternate, node.defaultBlock]) {
    for (const [at, child] of (list ?? []).entries()) {
      if (SILENT.test(child.type)) printAsJson(child);
      else if (!isJsonAlready(child))
        list![at] = {
          type: "CallExpression",
          callee: { type: "Identifier", value: IN_JSON },
          args: [child],
        } as Node;
    }
  }
}

function isJsonAlready({ type, filter }: Node): boolean {
  if (type !== "FilterExpression") return false;
  const name = filter?.value ?? filter?.callee?.value;
  return name === "tojson" || name === "safe";
}
