package io.switchboard.bench.lab;

import java.util.LinkedHashMap;
import java.util.Map;

/** What was counted at one door, or of all viewers: connections, and the bytes of TCP as they are on the wire. One loop. */
final class Tally {
    long opened;
    long bytesUp;
    long bytesDown;

    /** @param open connections now */
    Map<String, Object> figures(int open) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("open", open);
        figures.put("opened", opened);
        figures.put("bytesUp", bytesUp);
        figures.put("bytesDown", bytesDown);
        return figures;
    }
}
