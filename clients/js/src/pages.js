// What there is after an offset, in one answer: for catching up, long-polls and polls.
import { unanswered } from './errors.js'
import { Http } from './http.js'

/**
 * Reads on from where `cursor` stands, and tells it what the answer says about that. Rejects as `Http.ask` does.
 *
 * @param {{ at: string, isKnown: boolean, begin: (offset: string) => void }} cursor
 * @param {{ wait?: boolean, echo?: string, signal?: AbortSignal, millisMax?: number }} options wait: a long-poll
 * @returns {Promise<{ gap?: string, gone?: boolean, messages: object[], upToDate: boolean, closed: boolean, echo: string }>}
 *   gone: deleted, or not there
 */
export async function readPage(http, channel, cursor, { wait, echo, ...options } = {}) {
  const query = `?offset=${cursor.at}&as=envelopes${wait ? '&live=long-poll' : ''}${wait && echo ? `&cursor=${echo}` : ''}`
  const page = { messages: [], upToDate: true, closed: false }
  try {
    const { response, text } = await http.ask(Http.path(channel) + query, options)
    const { headers } = response
    const next = headers.get('Stream-Next-Offset')
    if (next === null) throw unanswered('the answer is not from a Switchboard server')
    cursor.begin(next)
    return {
      messages: text ? JSON.parse(text) : [],
      next,
      upToDate: headers.has('Stream-Up-To-Date') || response.status === 204,
      closed: headers.has('Stream-Closed'),
      echo: headers.get('Stream-Cursor'),
    }
  } catch (error) {
    if (error.code === 'not_found' || (error.code === 'gone' && error.reason === 'deleted')) {
      cursor.begin('-1')
      return { ...page, gone: true, deleted: error.code === 'gone' || cursor.isKnown }
    }
    const gap = error.earliest ?? error.resume
    if (error.code === 'gone' && gap) return { ...page, gap, upToDate: false }
    throw error instanceof SyntaxError ? unanswered('the answer is not from a Switchboard server') : error
  }
}
