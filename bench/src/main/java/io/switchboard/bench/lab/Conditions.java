package io.switchboard.bench.lab;

/**
 * What the network of the relay is like.
 *
 * @param delayMillis there and back
 * @param lossPercent how many of 100 segments are lost on their way, 0 to less than 100
 * @param stripsUpgrade whether it takes {@code Upgrade} out of requests, as proxies do that were not told of WebSockets
 * @param plugged false while the plug is pulled
 */
record Conditions(int delayMillis, double lossPercent, boolean stripsUpgrade, boolean plugged) {
    static final Conditions IDEAL = new Conditions(0, 0, false, true);

    Conditions {
        if (delayMillis < 0 || lossPercent < 0 || lossPercent >= 100) throw new IllegalArgumentException("network");
    }

    boolean isSlow() {
        return delayMillis > 0 || lossPercent > 0;
    }
}
