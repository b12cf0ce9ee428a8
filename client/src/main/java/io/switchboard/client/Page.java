package io.switchboard.client;

import java.util.List;

/**
 * Messages that were read once.
 *
 * @param messages in order; as many as the server gives at a time
 * @param previous before the first of them, for {@link Channel#before}; empty where the server does not say, or nothing is
 *     before them
 * @param next behind the last of them: where to read on, or to subscribe from
 * @param upToDate whether there was no more behind them
 * @param closed whether there never will be
 */
public record Page(List<Message> messages, String previous, String next, boolean upToDate, boolean closed) {}
