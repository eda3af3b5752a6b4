import { expect, test } from "bun:test";
import { Dialogue } from "../../src/records/dialogue.ts";
import { characters } from "./feed.ts";

test("a request's texts are all that was said before it, joined by spaces", () => {
  const dialogue = new Dialogue(characters);
  const lead = ["be brief", "I am Ann"];
  expect(dialogue.ask(0, { lead, own: ["one two"] })).toBe("be brief I am Ann one two".length);
  dialogue.said("a b c");
  const second = "be brief I am Ann one two a b c three";
  expect(dialogue.ask(1, { lead, own: ["three"] })).toBe(second.length);
  // This turn failed: nothing was said.
  expect(dialogue.ask(2, { lead, own: ["four", "five"] })).toBe(`${second} four five`.length);
  expect(dialogue.ask(0, { lead: [], own: ["anew"] })).toBe(4);
});

test("where only numbers of tokens are known they are added up", () => {
  const dialogue = new Dialogue(characters);
  expect(dialogue.add(0, 1000)).toBe(1000);
  dialogue.said("a b c");
  expect(dialogue.add(1, 50)).toBe(1055);
  expect(dialogue.add(0, 7)).toBe(7);
});
