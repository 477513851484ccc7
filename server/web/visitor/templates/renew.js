(function () {
  var address = location.pathname;
  function main() { return document.querySelector("main"); }
  function away(lost) {
    document.body.className = lost ? "away" : "";
    var lines = document.querySelectorAll("[data-away]");
    for (var i = 0; i < lines.length; i++) lines[i].textContent = lost ? lines[i].getAttribute("data-away") : "";
  }
  function show(found) {
    document.title = found.title;
    document.documentElement.lang = found.documentElement.lang;
    main().parentNode.replaceChild(document.adoptNode(found.querySelector("main")), main());
    history.replaceState(null, "", address);
    away(false);
  }
  function load() {
    var request = new XMLHttpRequest();
    address = main().getAttribute("data-next") || address;
    request.open("GET", address);
    request.timeout = 10000;
    request.onloadend = function () {
      var found = new DOMParser().parseFromString(request.responseText, "text/html");
      if (request.status >= 200 && request.status < 500 && found.querySelector("main[data-page]")) show(found);
      else away(true);
      later();
    };
    request.send();
  }
  function later() {
    var after = main().getAttribute("data-refresh-s");
    if (after) setTimeout(load, after * 1000);
  }
  later();
})();
