package io.switchboard.core.store;

/**
 * Takes the outcome of one request, exactly once. A store calls it on a thread of its own, in the order
 * of the requests of a channel; it must not block or throw.
 */
@FunctionalInterface
public interface Answer<T> {
    void done(T outcome);
}
