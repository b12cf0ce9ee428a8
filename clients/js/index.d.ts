/** The four ways to read, best first. */
export type Transport = 'websocket' | 'sse' | 'long-poll' | 'polling'

export interface Options {
  /** A token (spec/protocol.md, section 6.1). */
  token?: string
  /** Asked for a token before the first request, before the last one ends, and when it is refused. Nothing: there is none any more. */
  getToken?: () => Promise<string | null | undefined> | string | null | undefined
  /** Told when the server accepts no token we have; all is over then. */
  onUnauthorized?: (error: SwitchboardError) => void
  /** What may be used; all of them if it is not said. */
  transports?: readonly Transport[]
  /** Whether a WebSocket handshake carries a ticket, where something admits none without credentials. */
  tickets?: boolean
  /** In place of the runtime's own. */
  fetch?: typeof globalThis.fetch
  /** In place of the runtime's own; Node.js has one from version 22 on, and the packages `ws` and `undici` have one. */
  WebSocket?: new (url: string, protocol: string) => object
  /** How long `publish` tries, in milliseconds; 60,000. */
  publishTimeout?: number
  /** The server's live.heartbeat and live.longPollTimeout, whichever is longer, in milliseconds; 25,000. */
  heartbeat?: number
  /** How often to ask where nothing better works, in milliseconds; 5,000. */
  pollEvery?: number
  onState?: (state: State) => void
}

export interface State {
  /** For people. */
  readonly state: 'connecting' | 'live' | 'behind' | 'offline'
  /** What carries the reading. */
  readonly transport: Transport | undefined
  /** Why not a better one; or why there is none. */
  readonly why: string
  /** Attempts that failed since the last stable connection. */
  readonly attempt: number
  /** When the next attempt is due, counted from `since`. */
  readonly retryInMillis: number | undefined
  /** Milliseconds since 1970. */
  readonly since: number
}

/** Messages that are gone. */
export interface Gap {
  readonly from: string
  readonly to: string
}

export interface Info {
  /** Where to go on behind the message. */
  readonly offset: string
  /** How many were left out before it because of `rate`. */
  readonly skipped: number
  /** What is gone before it, if anything is. */
  readonly gap?: Gap
}

export interface Message<T = unknown> extends Info {
  readonly data: T
}

export interface Roster {
  /** Whether it is known at all: only a WebSocket tells. */
  readonly known: boolean
  readonly count?: number
  /** Not there if they are too many. */
  readonly members?: readonly { readonly id: string }[]
}

export type EndReason = 'closed' | 'deleted' | 'failed'
export type SubscriptionState = State['state'] | 'ended'

export interface SubscribeOptions<T = unknown> {
  /** An offset, `-1` for all there is, or `now`, which is the default. */
  from?: string
  /** At most so many messages a second, the newest wins. */
  rate?: number
  /** Whether to be seen on the channel, and to see. */
  presence?: boolean
  /** Without it messages wait for an iterator. */
  onMessage?: (data: T, info: Info) => void
  onPresence?: (roster: Roster) => void
  onGap?: (gap: Gap) => void
  onState?: (state: SubscriptionState) => void
  onEnd?: (reason: EndReason) => void
  /** What ended it as `failed`; or what a handler of the application threw (`code` `application`, with `cause`). */
  onError?: (error: SwitchboardError) => void
}

export interface Subscription<T = unknown> extends AsyncIterable<Message<T>> {
  readonly channel: string
  /** Behind the last message that was given. */
  readonly offset: string
  readonly state: SubscriptionState
  close(): void
}

export interface Channel<T = unknown> {
  subscribe(options?: SubscribeOptions<T>): Subscription<T>
  /** Resolves when it is stored. Rejects with `code` `unknown` if it may be. */
  publish(message: T): Promise<void>
  /** Some that belong together: in a JSON channel all of them are stored in one step, or none. */
  publishAll(messages: readonly T[]): Promise<void>
  presence(): Promise<Roster>
}

export interface Client {
  readonly state: State
  onState: ((state: State) => void) | undefined
  /** `type` is the content type of the channel: `application/json` if it is not said; else `text/…` for strings, any other for `Uint8Array`. */
  channel<T = unknown>(name: string, options?: { type?: string }): Channel<T>
  /** Ends a wait, and tries at once what is better than the transport in use. */
  retry(): void
  close(): void
}

/** `code` as in spec/protocol.md, section 4.4; and `unanswered`, `timeout`, `unknown`, `closed`, `application`. */
export class SwitchboardError extends Error {
  readonly code: string
  readonly reason?: string
  readonly status?: number
  constructor(code: string, message: string, members?: object)
}

/** A client of the server at `url`. It connects with the first subscription. */
export function connect(url: string | URL, options?: Options): Client
