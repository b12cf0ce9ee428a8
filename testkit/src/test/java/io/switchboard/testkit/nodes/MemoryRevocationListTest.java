package io.switchboard.testkit.nodes;

import io.switchboard.core.access.RevocationList;

class MemoryRevocationListTest extends RevocationListContract {
    private final RevocationList list = new MemoryRevocationList();

    @Override
    protected RevocationList list() {
        return list;
    }
}
