package io.switchboard.store.redis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which primary keeps which slot.
 *
 * @param owners one a slot; null where nobody keeps it
 */
record Layout(List<@Nullable Place> owners) {
    static final int SLOTS = 16_384;

    Layout {
        if (owners.size() != SLOTS) throw new IllegalArgumentException("slots: " + owners.size());
        owners = Collections.unmodifiableList(new ArrayList<>(owners));
    }

    /** All of them on one server. */
    static Layout of(Place primary) {
        return new Layout(Collections.nCopies(SLOTS, primary));
    }

    Set<Place> primaries() {
        Set<Place> primaries = new LinkedHashSet<>();
        for (Place owner : owners) {
            if (owner != null) primaries.add(owner);
        }
        return primaries;
    }

    boolean isWhole() {
        return owners.stream().allMatch(Objects::nonNull);
    }
}
