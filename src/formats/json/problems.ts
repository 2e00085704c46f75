/** What makes a record unreadable as JSON; the decoder makes a DecodeError of it. */
export class JsonSyntaxProblem extends Error {}

/** A value that does not fit its column, in JSON that is otherwise well formed. */
export class ConversionProblem extends Error {}
