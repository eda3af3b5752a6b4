// An LLM server of known timing. It shares no wire code with the client that it tests, so that an
// error of one cannot be undone by the same error of the other.

export type { LatenessSummary } from "./lateness.ts";
export { completeMockOptions, MOCK_FLAGS, type MockOptions, readMockFlag } from "./options.ts";
export { type MockDeps, type MockServer, type MockStats, startMock } from "./server.ts";
