import { parseTraceparent, type Span } from './spans.ts';

/** Spans kept until the library is there; later ones of that time are dropped. */
const MAX_EARLY = 10_000;
/** How long the end of the process waits for a collector. */
const FLUSH_MS = 3000;

/**
 * Spans to an OpenTelemetry collector. The library is loaded when `start` is called and not awaited, and reads where the
 * collector is, how spans are sampled and the service's name (`headwater` unless given) from its standard variables.
 * Spans are told when they are over, so that nothing is kept while work is done. A collector that is away costs spans,
 * never results.
 */
export class Tracing {
  private early: Span[] = [];
  private loaded: Exporter | undefined;
  private loading: Promise<Exporter> | undefined;

  start(): void {
    void this.load().catch(() => undefined);
  }

  record(span: Span): void {
    if (this.loaded !== undefined) this.loaded.record(span);
    else if (this.early.length < MAX_EARLY) this.early.push(span);
  }

  /** Sends what is left, but not for long. Resolves with what went wrong, if something did. */
  async shutdown(): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`the collector took longer than ${FLUSH_MS} ms`), FLUSH_MS);
    });
    const sent = this.load()
      .then((exporter) => exporter.shutdown())
      .catch((error: unknown) => String(error));
    const problem = await Promise.race([sent, late]);
    clearTimeout(timer);
    return problem ?? undefined;
  }

  private load(): Promise<Exporter> {
    this.loading ??= import('@opentelemetry/sdk-node').then((library) => {
      const exporter = new Exporter(library);
      for (const span of this.early) exporter.record(span);
      this.early = [];
      this.loaded = exporter;
      return exporter;
    });
    return this.loading;
  }
}

type Library = typeof import('@opentelemetry/sdk-node');
type Context = ReturnType<Library['api']['trace']['setSpan']>;

class Exporter {
  private readonly library: Library;
  private readonly sdk: InstanceType<Library['NodeSDK']>;

  constructor(library: Library) {
    this.library = library;
    this.sdk = new library.NodeSDK({
      resource: library.resources.defaultResource().merge(
        // Before what OTEL_SERVICE_NAME says.
        library.resources.resourceFromAttributes({ 'service.name': 'headwater' }),
      ),
      resourceDetectors: [library.resources.envDetector],
      // Only traces: metrics are scraped, and logs go to stderr.
      metricReaders: [],
      logRecordProcessors: [],
      instrumentations: [],
    });
    this.sdk.start();
  }

  record(span: Span): void {
    const { trace, ROOT_CONTEXT } = this.library.api;
    const remote = parseTraceparent(span.traceparent);
    const parent =
      remote === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
    this.tell(span, parent);
  }

  private tell(span: Span, parent: Context): void {
    const { trace, SpanKind, SpanStatusCode } = this.library.api;
    const kind = span.kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL;
    const options = { kind, startTime: span.start, attributes: span.attributes };
    const open = trace.getTracer('headwater').startSpan(span.name, options, parent);
    for (const child of span.children ?? []) this.tell(child, trace.setSpan(parent, open));
    if (span.failed === true) open.setStatus({ code: SpanStatusCode.ERROR });
    open.end(span.end);
  }

  async shutdown(): Promise<void> {
    await this.sdk.shutdown();
  }
}
