/** What makes a record unreadable as JSON; the decoder makes a DecodeError of it. */
export class JsonSyntaxProblem extends Error {}
