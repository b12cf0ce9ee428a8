package io.switchboard.core.reading;

/**
 * One way to encode messages for a wire. Forms that are equal give the same bytes, so that what is
 * encoded once serves every reader of that form.
 *
 * @param <E> what it encodes to, possibly something that must be given back
 */
public interface Form<E> {
    E encode(Delivery delivery);

    /** Called once for each encoded result, when its delivery is over. */
    void release(E encoded);
}
