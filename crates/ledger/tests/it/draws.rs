//! Draws by hand: what random histories say too little of.

mod again;
mod desk;
mod hidden;
mod large;
mod life;
mod order;
mod series;
mod tickets;
