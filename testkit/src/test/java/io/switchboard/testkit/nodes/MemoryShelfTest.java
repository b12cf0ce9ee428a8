package io.switchboard.testkit.nodes;

import io.switchboard.core.nodes.Shelf;
import io.switchboard.testkit.ManualTicker;

class MemoryShelfTest extends ShelfContract {
    private final ManualTicker ticker = new ManualTicker(1_800_000_000_000L);
    private final Shelf shelf = new MemoryShelf(ticker);

    @Override
    protected Shelf shelf() {
        return shelf;
    }

    @Override
    protected void pass(long millis) {
        ticker.advance(millis);
    }
}
