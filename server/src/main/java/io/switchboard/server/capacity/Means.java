package io.switchboard.server.capacity;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What this process has and may have, as the JVM and Linux tell it. The kernel answers from memory, and at once however
 * many files are open, so any thread may ask.
 */
public final class Means {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB");
    /** Where objects begin; what is left there is not known before the next collection. */
    private static final Pattern YOUNG = Pattern.compile("Eden|Young");

    private static final int KILOBYTE = 1024;

    private Means() {}

    /** What there is for further connections. */
    public static Left left() {
        return new Left(filesLeft(), heapLeft(), machineLeft());
    }

    private static long filesLeft() {
        OptionalLong open = openFiles();
        OptionalLong most = filesMax();
        if (open.isEmpty() || most.isEmpty()) return Left.UNTOLD;
        return Math.max(0, most.getAsLong() - open.getAsLong());
    }

    /** Files and sockets that are open; empty where the system does not tell. */
    public static OptionalLong openFiles() {
        try {
            // A size from Linux 6.2 on; before, and elsewhere, they have to be counted one by one.
            long size = Files.exists(OPEN_FILES) ? Files.size(OPEN_FILES) : 0;
            if (size > 0) return OptionalLong.of(size);
        } catch (IOException notTold) {
            // Then the JVM may know.
        }
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.UnixOperatingSystemMXBean unix
                ? OptionalLong.of(unix.getOpenFileDescriptorCount())
                : OptionalLong.empty();
    }

    /** As many as may be open; empty where the system does not tell. */
    public static OptionalLong filesMax() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.UnixOperatingSystemMXBean unix
                ? OptionalLong.of(unix.getMaxFileDescriptorCount())
                : OptionalLong.empty();
    }

    private static long heapLeft() {
        long kept = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() != MemoryType.HEAP
                    || YOUNG.matcher(pool.getName()).find()) continue;
            kept += pool.getUsage().getUsed();
        }
        return Math.max(0, Runtime.getRuntime().maxMemory() - kept);
    }

    private static long machineLeft() {
        long left = kilobytes(MEMORY, AVAILABLE).orElse(Left.UNTOLD);
        OptionalLong resident = residentBytes();
        if (resident.isPresent()
                && ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean here) {
            // In a container that is what the container may have.
            left = Math.min(left, Math.max(0, here.getTotalMemorySize() - resident.getAsLong()));
        }
        return left;
    }

    /** What the process has of the machine's memory, where Linux tells. */
    public static OptionalLong residentBytes() {
        return kilobytes(STATUS, RESIDENT);
    }

    // In bytes.
    private static OptionalLong kilobytes(Path file, Pattern line) {
        try {
            Matcher found = line.matcher(Files.readString(file));
            return found.find() ? OptionalLong.of(Long.parseLong(found.group(1)) * KILOBYTE) : OptionalLong.empty();
        } catch (IOException notTold) {
            return OptionalLong.empty(); // not Linux, or a container without it
        }
    }
}
