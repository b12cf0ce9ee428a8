package io.switchboard.client;

/**
 * A publication that is stored, as durably as its channel promises.
 *
 * @param offset of the last message of the append it was part of; of a duplicate, where the channel ended when it was
 *     sent again. Never before this message
 * @param duplicate whether the append was sent again because an answer had been lost, and was stored the first time
 */
public record Published(String offset, boolean duplicate) {}
