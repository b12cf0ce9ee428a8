package io.switchboard.client;

/**
 * Messages that are gone: those after {@code from}. Reading went on behind {@code to}.
 *
 * @param from the offset that was read up to, or -1
 * @param to an offset; the next message is the one after it
 */
public record Gap(String from, String to) {}
