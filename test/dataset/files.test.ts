import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import type { Session } from "#core";
import { detectType } from "#dataset";
import { datasetOf, fileOf, folderOf, planOf, refusalOf } from "./plans.ts";
import { familyTokenizer } from "./tokenizers.ts";

const tokenizer = await familyTokenizer("llama3_1");

async function load(path: string, ...flags: readonly string[]) {
  return datasetOf(planOf("--input-file", path, "--random-seed", "7", ...flags), tokenizer);
}
const said = ({ turns }: Session) =>
  turns.map(({ texts }) => texts.flatMap(({ contents }) => contents).join("|"));

describe("one turn a row", () => {
  test("texts, limits, pauses, roles and fields of its own", async () => {
    const path = await fileOf(
      { text: "one two three", output_length: 9, extra: { seed: 3 }, unknown: true },
      { texts: ["a", { name: "query", contents: ["b", "c"] }], role: "system", timestamp: 1500 },
    );
    const { sessions, isListed, hasTimestamps } = await load(path);
    expect(isListed).toBe(true);
    expect(hasTimestamps).toBe(false);
    expect(sessions.map(({ id }) => id)).toEqual(["session_000000", "session_000001"]);
    expect(sessions[0]!.turns[0]).toEqual({
      role: "user",
      texts: [{ name: "text", contents: ["one two three"] }],
      model: "m",
      maxTokens: 9,
      inputTokens: tokenizer.count("one two three"),
      delayNs: 0,
      timestampNs: undefined,
      extra: { seed: 3 },
    });
    expect(sessions[1]!.turns[0]).toMatchObject({
      role: "system",
      texts: [
        { name: "text", contents: ["a"] },
        { name: "query", contents: ["b", "c"] },
      ],
      timestampNs: 1.5e9,
      inputTokens: tokenizer.count("a b c"),
    });
  });

  test("rows of one session follow each other, and none repeats the others", async () => {
    const path = await fileOf(
      { text: "a", session_id: "s" },
      { text: "b" },
      { text: "c", session_id: "s", delay: 70 },
    );
    const { sessions } = await load(path);
    expect(sessions.map(said)).toEqual([["a", "c"], ["b"]]);
    expect(sessions[0]).toMatchObject({ id: "s", context: "none" });
    expect(sessions[0]!.turns[1]!.delayNs).toBe(70e6);
  });

  test("what a ranking leaves out of its rows is said", async () => {
    const rank = ["--endpoint-type", "cohere-rankings"] as const;
    const passages = { name: "passages", contents: ["p"] };
    const query = (...contents: string[]) => ({ name: "query", contents });
    const whole = await fileOf({ texts: [query("q"), passages] });
    expect((await load(whole, ...rank)).notes).toEqual([]);
    const odd = await fileOf({ texts: [query("q")] }, { texts: [query("q", "r"), passages] });
    expect((await load(odd, ...rank)).notes).toEqual([
      "1 turn of the file has no text group named passages: there is nothing to rank",
      "1 turn of the file has several queries: only the first of them is sent",
    ]);
    expect((await load(odd)).notes).toEqual([]);
  });

  describe("images that have names", () => {
    const [A, B] = ["https://a/a.png", "data:image/png;base64,AAEC"] as const;
    const rows = [
      { images: [A, A, B], image_uuids: ["a", "a", "b"], session_id: "s" },
      { images: [B], image_uuids: ["b"] },
      { images: [A, B, A, ""], image_uuids: ["a", null, "c", "kept"], session_id: "s" },
      { images: [A], image_uuids: ["kept"], session_id: "s" },
      { image: A, image_uuids: ["kept"], session_id: "s" },
      { images: [A], session_id: "s" },
    ];
    const imagesOf = (sessions: readonly Session[]) =>
      sessions.flatMap(({ turns }) =>
        turns.map(({ images }) => [images![0]!.contents, images![0]!.uuids]),
      );

    test("are sent once a session with --uuid-and-strip, and named afterwards", async () => {
      const { sessions } = await load(await fileOf(...rows), "--uuid-and-strip");
      expect(imagesOf(sessions)).toEqual([
        [
          [A, A, B],
          ["a", "a", "b"],
        ],
        [
          ["", B, A, ""],
          ["a", undefined, "c", "kept"],
        ],
        [[A], ["kept"]],
        [[""], ["kept"]],
        [[A], undefined],
        [[B], ["b"]],
      ]);
    });

    test("are sent each time without it, and have no names", async () => {
      const { sessions } = await load(await fileOf(rows[0]!, rows[3]!, rows[4]!));
      expect(imagesOf(sessions)).toEqual([
        [[A, A, B], undefined],
        [[A], undefined],
        [[A], undefined],
      ]);
    });

    test("have one each, and are single turns", async () => {
      const few = await refusalOf(load(await fileOf({ images: [A, B], image_uuids: ["a"] })));
      expect(few.message).toContain("image_uuids has one name, or null, for each of images");
      const path = await fileOf({ turns: [{ images: [A], image_uuids: ["a"] }] });
      const many = await refusalOf(load(path, "--uuid-and-strip"));
      expect(many).toMatchObject({ code: "E_FLAG_CONFLICT" });
      expect(many.message).toContain("is multi-turn");
    });
  });

  test("--osl is for rows without a limit of their own", async () => {
    const path = await fileOf({ text: "a" }, { text: "b", output_length: 3 });
    const limits = async (...flags: readonly string[]) =>
      (await load(path, ...flags)).sessions.map(({ turns }) => turns[0]!.maxTokens);
    expect(await limits()).toEqual([undefined, 3]);
    expect(await limits("--osl", "40")).toEqual([40, 3]);
  });

  test("files are put in the place of their paths, addresses stay", async () => {
    const folder = await folderOf({ "a.png": "PNG", "b.wav": "WAV", "c.mp4": "MP4" });
    const path = await fileOf({
      text: "look",
      images: [`${folder}/a.png`, "https://x/y.jpg", "data:image/png;base64,AA=="],
      audio: `${folder}/b.wav`,
      video: `${folder}/c.mp4`,
    });
    const [turn] = (await load(path)).sessions[0]!.turns;
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    expect(turn).toMatchObject({
      images: [
        {
          name: "image_url",
          contents: [
            `data:image/png;base64,${base64("PNG")}`,
            "https://x/y.jpg",
            "data:image/png;base64,AA==",
          ],
        },
      ],
      audios: [{ name: "input_audio", contents: [`wav,${base64("WAV")}`] }],
      videos: [{ name: "video_url", contents: [`data:video/mp4;base64,${base64("MP4")}`] }],
    });
  });
});

describe("a session a row", () => {
  test("rows of one id are one session, and a bare system turn is its system message", async () => {
    const path = await fileOf(
      { session_id: "x", turns: [{ role: "system", text: "be short" }, { text: "a" }] },
      { turns: [{ text: "b" }] },
      { session_id: "x", turns: [{ text: "c", delay: 5000 }] },
    );
    const { sessions } = await load(path, "--inter-turn-delay-cap-seconds", "2");
    expect(sessions.map(said)).toEqual([["a", "c"], ["b"]]);
    expect(sessions[0]).toMatchObject({ systemText: "be short" });
    expect(sessions[0]!.context).toBeUndefined();
    expect(sessions[0]!.turns[1]!.delayNs).toBe(2e9);
    expect(sessions[0]!.leadTokens).toBe(tokenizer.count("be short"));
    const forgetful = await load(path, "--ignore-trace-delays");
    expect(forgetful.sessions[0]!.turns[1]!.delayNs).toBe(0);
  });
});

describe("pools", () => {
  test("a file is drawn from with replacement, and a seed draws the same", async () => {
    const path = await fileOf({ text: "a" }, { text: "b" }, { text: "c" });
    const flags = ["--custom-dataset-type", "random_pool", "--num-prompts", "60"];
    const { sessions } = await load(path, ...flags);
    expect(sessions.length).toBe(60);
    expect(new Set(sessions.flatMap(said))).toEqual(new Set(["a", "b", "c"]));
    expect((await load(path, ...flags)).sessions).toEqual([...sessions]);
  });

  test("a folder gives one row of each file, under the file's name", async () => {
    const folder = await folderOf({ "b.jsonl": '{"text": "B"}', "a.jsonl": '{"text": "A"}' });
    const { sessions } = await load(folder, "--num-prompts", "2");
    expect(sessions[0]!.turns[0]!.texts).toEqual([
      { name: "a", contents: ["A"] },
      { name: "b", contents: ["B"] },
    ]);
  });

  test("batches draw each kind of content for itself", async () => {
    const path = await fileOf({ text: "a" }, { image: "http://i/1.png" }, { text: "b" });
    const type = ["--custom-dataset-type", "random_pool", "--num-prompts", "5"];
    const { sessions } = await load(path, ...type, "-b", "4", "--batch-size-image", "2");
    for (const { turns } of sessions) {
      expect(turns[0]!.texts[0]!.contents.length).toBe(4);
      expect(turns[0]!.images![0]!.contents).toEqual(["http://i/1.png", "http://i/1.png"]);
    }
  });
});

describe("bodies", () => {
  const body = { messages: [{ role: "user", content: "hi there" }], max_tokens: 4, model: "x" };

  test("a line is a session, a file of a folder too", async () => {
    const path = await fileOf(body, body);
    const { sessions, isListed } = await load(path, "--custom-dataset-type", "raw_payload");
    expect(isListed).toBe(false);
    expect(sessions.length).toBe(2);
    expect(sessions[0]!.turns[0]).toMatchObject({ payload: body, maxTokens: 4, model: "x" });
    expect(sessions[0]!.turns[0]!.inputTokens).toBe(tokenizer.count("hi there"));

    const row = JSON.stringify(body);
    const folder = await folderOf({ "two.jsonl": `${row}\n${row}`, "one.jsonl": row });
    const named = await load(folder, "--custom-dataset-type", "raw-payload");
    expect(named.sessions.map(({ id, turns }) => [id, turns.length])).toEqual([
      ["one", 1],
      ["two", 2],
    ]);
  });

  test("an inputs.json of a run before", async () => {
    const inputs = { data: [{ session_id: "s", payloads: [body, body] }] };
    const folder = await folderOf({ "inputs.json": JSON.stringify(inputs, null, 2) });
    const { sessions } = await load(`${folder}/inputs.json`);
    expect(sessions).toMatchObject([{ id: "s", context: "none" }]);
    expect(sessions[0]!.turns.map(({ payload }) => payload)).toEqual([body, body]);
  });
});

test("packed files are read as they are", async () => {
  const rows = '{"text": "a"}\n{"text": "b"}\n';
  const folder = await folderOf({});
  await Bun.write(`${folder}/a.gz`, gzipSync(rows));
  await Bun.write(`${folder}/b.jsonl`, Bun.zstdCompressSync(rows));
  for (const name of ["a.gz", "b.jsonl"])
    expect((await load(`${folder}/${name}`)).sessions.map(said)).toEqual([["a"], ["b"]]);
});

describe("a type is told from the first row", () => {
  test.each([
    [{ text: "a" }, "single-turn"],
    [{ image: "http://x/y.png" }, "single-turn"],
    [{ type: "random_pool", text: "a" }, "random-pool"],
    [{ type: "something", text: "a" }, "single-turn"],
    [{ turns: [{ text: "a" }] }, "multi-turn"],
    [{ input_length: 3 }, "mooncake-trace"],
    [{ text_input: "a" }, "mooncake-trace"],
    [{ payload: {} }, "mooncake-trace"],
    [{ chat_id: 1, input_length: 3 }, "bailian-trace"],
    [{ data: [] }, "inputs-json"],
    ["Timestamp,Model,Request tokens,Response tokens", "burst-gpt-trace"],
  ] as const)("%j", async (row, type) => expect(await detectType(await fileOf(row))).toBe(type));

  test.each([
    [{ messages: [] }, "could be mooncake-trace or raw-payload"],
    [{ text: "a", text_input: "b" }, "could be single-turn or mooncake-trace"],
    [{ nothing: 1 }, "no type has rows with nothing"],
    ["hello", "line 1 is not valid JSON"],
    ["", "has no rows"],
  ])("%j is none", async (row, text) => {
    const error = await refusalOf(detectType(await fileOf(row)));
    expect(error.what).toContain(text);
  });
});

describe("a bad row is one clear error, with its line and field", () => {
  const texts = ["single_turn", "random_pool"] as const;
  test.each([
    ...texts.flatMap((type) => [
      [type, '{"text": 5}', "line 2: text: expected string"],
      [type, '{"text": "a", "texts": ["b"]}', "line 2: text and texts exclude each other"],
      [type, '{"image": "a", "images": []}', "image and images exclude each other"],
      [type, "{}", "At least one modality must be provided"],
      [type, '{"text": ""}', "At least one modality must be provided"],
      [type, '{"texts": [{"name": "x"}]}', "texts[0]"],
      [type, '{"text": "a", "timestamp": 1, "delay": 2}', "timestamp and delay exclude"],
      [type, '{"text": "a", "output_length": 0}', "line 2: output_length"],
      [type, '{"text": "a", "extra": [1]}', "line 2: extra: expected an object"],
      [type, '{"text": "a", "image": "nowhere.png"}', "line 2: image file nowhere.png cannot be"],
      [type, '{"text": "a", "image": "x.tiff"}', "no file of a known kind"],
      [type, "{", "line 2 is not valid JSON"],
      [type, "[]", "line 2 is no JSON object"],
    ]),
    ["multi_turn", '{"turns": []}', "line 2: turns: expected at least one turn"],
    ["multi_turn", '{"turns": [{"text": 1}]}', "line 2: turns[0].text"],
    ["multi_turn", '{"session_id": 5, "turns": [{"text": "a"}]}', "line 2: session_id"],
    ["mooncake_trace", '{"input_length": 5, "text_input": "a"}', "exactly one of input_length"],
    ["mooncake_trace", '{"input_length": 5, "timestamp": "now"}', "line 2: timestamp"],
    ["mooncake_trace", '{"messages": [{"content": "x"}]}', "expected a role in every message"],
    ["mooncake_trace", '{"messages": []}', "expected at least one message"],
    ["mooncake_trace", '{"input_length": 5, "tools": [{}]}', "tools need messages"],
    [
      "mooncake_trace",
      '{"input_length": 600, "hash_ids": [8]}\n{"input_length": 5, "hash_ids": [8]}',
      "line 3: block 8 has 5 tokens here and 512 before",
    ],
    [
      "mooncake_trace",
      '{"input_length": 600, "hash_ids": [1, 2, 3]}',
      "line 2: 3 blocks of 512 tokens are more than its 600",
    ],
    ["bailian_trace", '{"chat_id": 1}', "line 2: timestamp"],
    ["raw_payload", '{"messages": "hi"}', "line 2: messages"],
  ])("%s %s", async (type, bad, text) => {
    const good: { readonly [type: string]: string } = {
      multi_turn: '{"turns": [{"text": "a"}]}',
      mooncake_trace: '{"input_length": 5}',
      bailian_trace: '{"chat_id": 1, "timestamp": 0, "input_length": 5, "output_length": 5}',
      raw_payload: '{"messages": [{"role": "user", "content": "x"}]}',
    };
    const path = await fileOf(good[type] ?? '{"text": "a"}', bad);
    const error = await refusalOf(load(path, "--custom-dataset-type", type));
    expect(error.what).toContain(text);
    expect(error.code).toMatch(/^E_/);
  });

  test.each(["single_turn", "multi_turn", "random_pool", "mooncake_trace", "raw_payload"])(
    "an empty file of %s",
    async (type) => {
      const error = await refusalOf(load(await fileOf(""), "--custom-dataset-type", type));
      expect(error.code).toBe("E_DATA_EMPTY");
    },
  );

  test("sessions that mix kinds of prompts", async () => {
    const path = await fileOf(
      { session_id: "s", input_length: 5 },
      { session_id: "s", text_input: "a" },
    );
    const error = await refusalOf(load(path));
    expect(error.what).toContain("session s mixes input_length and text_input");
  });

  test("a table without its columns", async () => {
    const type = ["--custom-dataset-type", "burst_gpt_trace"];
    const error = await refusalOf(load(await fileOf("Timestamp,Model"), ...type));
    expect(error.what).toContain("has no column Request tokens, Response tokens");
  });
});
