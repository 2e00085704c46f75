import WebSocket from 'ws';

export type Message = Readonly<Record<string, unknown>> & { readonly type: string };

/** A WebSocket client that keeps what it is told. */
export class SocketClient {
  readonly messages: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString()) as Message));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Resolves when the connection is open; rejects with status and body when it is refused. */
  static connect(
    port: number,
    headers: Readonly<Record<string, string>> = {},
    path = '/v1/subscribe',
  ): Promise<SocketClient> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, perMessageDeflate: false });
      const client = new SocketClient(socket);
      socket.on('open', () => resolve(client));
      socket.on('unexpected-response', (_request, response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => (body += part));
        response.on('end', () => reject(new Refused(response.statusCode ?? 0, body)));
      });
      socket.on('error', reject);
    });
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  of(id: string | undefined): Message[] {
    return this.messages.filter((message) => message.id === id);
  }
}

export class Refused extends Error {
  readonly status: number;
  readonly body: string;
  constructor(status: number, body: string) {
    super(`refused with ${status}: ${body}`);
    this.status = status;
    this.body = body;
  }
}
