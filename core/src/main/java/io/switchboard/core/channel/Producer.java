package io.switchboard.core.channel;

/**
 * The mark of an idempotent producer on an append (Durable Streams, section 5.2.1): a retry that
 * carries the same mark is not a second message.
 *
 * @param id 1 to {@value #ID_LENGTH_MAX} characters
 * @param epoch 0 to 2^53 - 1, raised by the producer when it starts anew
 * @param sequence 0 to 2^53 - 1, one more with each append of an epoch
 */
public record Producer(String id, long epoch, long sequence) {
    public static final int ID_LENGTH_MAX = 256;
    public static final long NUMBER_MAX = (1L << 53) - 1;

    public Producer {
        if (id.isEmpty() || id.length() > ID_LENGTH_MAX) throw new IllegalArgumentException("producer id: 1 to 256");
        if (epoch < 0 || epoch > NUMBER_MAX || sequence < 0 || sequence > NUMBER_MAX) {
            throw new IllegalArgumentException("producer epoch and sequence: 0 to 2^53 - 1");
        }
    }
}
