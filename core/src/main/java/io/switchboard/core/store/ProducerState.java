package io.switchboard.core.store;

/**
 * What a channel remembers of a producer.
 *
 * @param epoch its latest
 * @param sequence the highest accepted in that epoch
 */
public record ProducerState(long epoch, long sequence) {}
