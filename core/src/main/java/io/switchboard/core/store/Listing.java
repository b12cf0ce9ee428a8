package io.switchboard.core.store;

import java.util.List;

/** A page of channels in the order of their names (by UTF-16 code unit), or why there is none. */
public sealed interface Listing {
    /** @param more whether there are further ones behind the last of these */
    record Page(List<Found> channels, boolean more) implements Listing {}

    record Failed(Failure failure) implements Listing {}
}
