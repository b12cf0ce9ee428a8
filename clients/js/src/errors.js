/** What went wrong. `code` is the contract, as in spec/protocol.md, section 4.4, with the further members it has there. */
export class SwitchboardError extends Error {
  name = 'SwitchboardError'

  /** @param {string} code @param {string} message for a person @param {object} [members] */
  constructor(code, message, members) {
    super(message)
    Object.assign(this, members, { code })
  }
}

export const NO_REPLY = 'no reply in time'

export const unanswered = (why) => new SwitchboardError('unanswered', why)
