/** What is used of WebAssembly; TypeScript declares it with the DOM only, which is not Node's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer;
    /** The number of pages before, or -1 (in older versions an exception) when there is no room. */
    grow(pages: number): number;
  }
  class Instance {
    constructor(
      module: Module,
      imports: Readonly<Record<string, Readonly<Record<string, (value: number) => unknown>>>>,
    );
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
