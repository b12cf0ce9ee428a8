import type { Options, Transport } from './index.js'

export interface AskOptions extends Pick<Options, 'token' | 'getToken' | 'fetch'> {
  /** Ends the asking. Without it there is an answer within 5 s. */
  signal?: AbortSignal
}

export interface Advised {
  /** The advised one and those that come after it where it does not get through; all without advice, or if it is not sure. */
  transports: Transport[]
  /** Why, for people. */
  sentence: string
}

/** What a server advises the readers of a channel to read it by. Rejects only for a URL that is none. */
export function advised(url: string, channel: string, options?: AskOptions): Promise<Advised>
