package io.switchboard.server.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** What the process has of the machine's memory, where Linux tells. The kernel answers from memory, so any thread may ask. */
final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String NAME = "VmRSS:";
    private static final int KILOBYTE = 1024;

    private ResidentMemory() {}

    /** Empty on other systems. */
    static OptionalDouble bytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(NAME)) return OptionalDouble.of(parse(line));
            }
        } catch (IOException notTold) {
            // Not Linux, or a container without it.
        }
        return OptionalDouble.empty();
    }

    // Such as "VmRSS:     104 kB".
    private static double parse(String line) {
        return Double.parseDouble(line.replaceAll("\\D", "")) * KILOBYTE;
    }
}
